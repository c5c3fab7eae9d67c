// Two leaks: a goroutine that nothing can stop, and a file that is never closed.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	go report()
	fmt.Println(size("main.go"))
	time.Sleep(time.Second)
}

func report() {
	for {
		fmt.Println("still here")
		time.Sleep(100 * time.Millisecond)
	}
}

func size(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
