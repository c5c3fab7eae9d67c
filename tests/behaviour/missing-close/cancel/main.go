package main

import (
	"context"

	"example.com/leaks/count"
)

// own is a context that package context does not know: each child needs a goroutine until it is cancelled.
type own struct {
	context.Context
	done chan struct{}
}

func (o own) Done() <-chan struct{} { return o.done }

func work(parent context.Context) bool {
	ctx, _ := context.WithCancel(parent)
	return ctx.Err() == nil
}

func main() {
	parent := own{Context: context.Background(), done: make(chan struct{})}
	count.Goroutines(func() {
		if !work(parent) {
			panic("cancelled")
		}
	})
}
