// A handler that keeps the lines of all requests, where those of one are meant.
package main

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"example.com/grows/heap"
)

var lines []string

func handle(w http.ResponseWriter, r *http.Request) {
	in := bufio.NewScanner(r.Body)
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	for _, line := range lines {
		fmt.Fprintln(w, line)
	}
}

func main() {
	text := strings.Repeat(strings.Repeat("x", 100)+"\n", 20)
	heap.Growth(func() {
		request := httptest.NewRequest("POST", "/", strings.NewReader(text))
		handle(httptest.NewRecorder(), request)
	})
}
