// hello.go: goroutines, a channel, garbage and a file, for cli.sh.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	sums := make(chan int, 100)
	for i := 0; i < 100; i++ {
		wg.Add(1)
		go func(n int) {
			defer wg.Done()
			sums <- len(make([]byte, n*1000))
		}(i)
	}
	wg.Wait()
	runtime.GC()
	total := 0
	for i := 0; i < 100; i++ {
		total += <-sums
	}
	passwd, err := os.ReadFile("/etc/passwd")
	fmt.Println("hello from go", total, len(passwd) > 0, err, os.Args[1:])
	os.Exit(3)
}
