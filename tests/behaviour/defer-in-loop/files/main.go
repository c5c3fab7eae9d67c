// Prints how many descriptors are open at most while files are read one after the other, and what was read.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	most, read := sizes(os.Args[1:], 20)
	fmt.Println("most:", most, "read:", read)
}

func sizes(_ []string, times int) (most, read int) {
	names := make([]string, times)
	for range names {
		f, err := os.Open("/proc/self/stat")
		if err != nil {
			return most, -1
		}
		defer f.Close()
		data, err := io.ReadAll(f)
		if err != nil || len(data) == 0 {
			return most, -1
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
