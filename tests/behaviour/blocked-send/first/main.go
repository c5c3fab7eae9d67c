// The first of several answers is enough.
package main

import "example.com/sends/count"

func main() {
	count.Goroutines(func() { first([]string{"a", "b", "c"}) })
}

func first(names []string) string {
	answers := make(chan string)
	for _, name := range names {
		go func() { answers <- name }()
	}
	return <-answers
}
