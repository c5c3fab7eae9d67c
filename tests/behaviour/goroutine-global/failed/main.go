// The errors of all calls are kept, where those of one are meant.
package main

import (
	"errors"
	"strings"
	"sync"

	"example.com/grows/heap"
)

var failed []error

func all(jobs <-chan func() error) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for job := range jobs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := job(); err != nil {
				mu.Lock()
				failed = append(failed, err)
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	return errors.Join(failed...)
}

func main() {
	heap.Growth(func() {
		jobs := make(chan func() error, 10)
		for range 10 {
			jobs <- func() error { return errors.New(strings.Repeat("no", 1000)) }
		}
		close(jobs)
		all(jobs)
	})
}
