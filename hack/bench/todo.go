package main

import "context"

func measureLifting(context.Context, *bench) error { return nil }
func measureRebuild(context.Context, *bench) error { return nil }
func measureScale(context.Context, *bench) error   { return nil }
