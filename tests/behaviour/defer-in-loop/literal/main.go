// As files, where panics are recovered from: the iteration becomes a function literal.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	most, read := sizes(20)
	fmt.Println("most:", most, "read:", read)
}

func sizes(times int) (most, read int) {
	defer func() {
		if r := recover(); r != nil {
			read = -1
		}
	}()
	names := make([]string, times)
	for range names {
		f, err := os.Open("/proc/self/stat")
		if err != nil {
			continue
		}
		defer f.Close()
		data, err := io.ReadAll(f)
		if err != nil || len(data) == 0 {
			continue
		}
		read++
		most = max(most, descriptors())
	}
	return most, read
}

func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(entries)
}
