// Package wait tells whether work ends when its context does.
package wait

import (
	"context"
	"fmt"
	"time"
)

// Longer than any scheduling of the test machine, shorter than the blocking calls.
const patience = 2 * time.Second

// Ends prints whether the work returns after its context is cancelled.
func Ends(work func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	time.Sleep(50 * time.Millisecond)
	cancel()
	select {
	case <-done:
		fmt.Println("returned")
	case <-time.After(patience):
		fmt.Println("blocked")
	}
}
