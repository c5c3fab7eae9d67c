// Package heap tells how much memory repeated work leaves in use.
package heap

import (
	"fmt"
	"runtime"
)

// Times is how often the work is done before the heap is looked at, and again after.
const Times = 200

// Growth prints how many bytes the second half of the work has left in use after a collection.
func Growth(work func()) {
	for range Times {
		work()
	}
	before := inUse()
	for range Times {
		work()
	}
	fmt.Printf("grown: %d\n", max(inUse()-before, 0))
}

func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
