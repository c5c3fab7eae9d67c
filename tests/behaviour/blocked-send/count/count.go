// Package count tells how many goroutines repeated work leaves behind.
package count

import (
	"fmt"
	"runtime"
	"time"
)

// Times is how often the work is done.
const Times = 10

// Goroutines prints what is left a while after the work.
func Goroutines(work func()) {
	before := runtime.NumGoroutine()
	for range Times {
		work()
	}
	left := runtime.NumGoroutine() - before
	for deadline := time.Now().Add(time.Second); left > 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
		left = runtime.NumGoroutine() - before
	}
	fmt.Printf("left: %d\n", max(left, 0))
}
