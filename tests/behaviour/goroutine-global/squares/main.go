// Goroutines of one call collect what that call gives back.
package main

import (
	"sync"

	"example.com/grows/heap"
)

var results [][]byte

func collect(n int) int {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			results = append(results, make([]byte, 1000+i))
			mu.Unlock()
		}()
	}
	wg.Wait()
	return len(results)
}

func serve(requests <-chan int) {
	for n := range requests {
		collect(n)
	}
}

func main() {
	heap.Growth(func() {
		requests := make(chan int, 1)
		requests <- 20
		close(requests)
		serve(requests)
	})
}
