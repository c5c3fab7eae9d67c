package main

import (
	"runtime"
	"time"

	"example.com/leaks/count"
)

// Each work starts so many tickers, so that what else lives in the heap does not matter.
const tickers = 2000

func due(every time.Duration) bool {
	t := time.NewTicker(every)
	select {
	case <-t.C:
		return true
	default:
		return false
	}
}

// held is how many batches of tickers the heap holds.
func held() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapObjects) / tickers
}

func main() {
	count.Used(held, func() {
		for i := 0; i < tickers; i++ {
			if due(time.Hour) {
				panic("an hour has passed")
			}
		}
	})
}
