// Package procedure holds articles 12 to 24: what an application must carry and by when, whose consent it needs, what a
// committee's meeting decides of it, and what becomes of an approval that was given in urgency.
//
// It is pure: it reads no cluster and no clock.
package procedure
