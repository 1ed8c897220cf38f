// Package classification decides whether an information asset may bear the class that it bears (article 26-2 (2)), by the
// levels of the security standard in force (article 27).
//
// It is pure: it reads no cluster and no clock. [Check] judges one asset and returns what is wrong with it; [Explain] says
// that in a person's language, with the labels to write; [OfSystem] judges a system of the register.
package classification
