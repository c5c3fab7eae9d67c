// Package count tells whether repeated work leaves something open.
package count

import (
	"fmt"
	"time"
)

// Times is how often the work is done.
const Times = 10

// Used reports what the work leaves in use, by the resource's own count.
func Used(inUse func() int, work func()) {
	work()
	before := inUse()
	for i := 0; i < Times; i++ {
		work()
	}
	left := inUse() - before
	for deadline := time.Now().Add(time.Second); left > 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
		left = inUse() - before
	}
	if left < 0 {
		left = 0
	}
	fmt.Printf("left: %d\n", left)
}
