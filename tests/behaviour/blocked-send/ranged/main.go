// The reader of a channel waits for one line more.
package main

import "example.com/sends/count"

func main() {
	count.Goroutines(func() { show([]string{"a", "b"}) })
}

func show(lines []string) {
	out := make(chan string)
	go func() {
		for line := range out {
			_ = line
		}
	}()
	for _, line := range lines {
		out <- line
	}
}
