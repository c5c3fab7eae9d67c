// Package count tells whether repeated work leaves something open.
package count

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

// Times is how often the work is done.
const Times = 10

// Files reports the descriptors that are still open after the work; the collector, which would close dropped files,
// is off.
func Files(work func(), after func()) {
	debug.SetGCPercent(-1)
	work()
	after()
	report(descriptors, work, after)
}

// Goroutines reports the goroutines that are still there after the work.
func Goroutines(work func()) {
	work()
	report(runtime.NumGoroutine, work, func() {})
}

// Used reports what the work leaves in use, by the resource's own count.
func Used(inUse func() int, work func()) {
	report(inUse, work, func() {})
}

func report(count func() int, work, after func()) {
	before := count()
	for range Times {
		work()
	}
	after()
	left := count() - before
	for deadline := time.Now().Add(time.Second); left > 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
		left = count() - before
	}
	fmt.Printf("left: %d\n", max(left, 0))
}

func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		panic(err)
	}
	return len(entries)
}
