package main

import (
	"compress/gzip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"
)

func check(err error) {
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func workers() {
	jobs, results := make(chan int), make(chan int)
	var wg sync.WaitGroup
	for w := 0; w < 8; w++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range jobs {
				s := 0
				for i := 0; i < n; i++ {
					s += i * i % 7
				}
				results <- s
			}
		}()
	}
	go func() {
		for i := 0; i < 2000; i++ {
			jobs <- i
		}
		close(jobs)
		wg.Wait()
		close(results)
	}()
	total := 0
	for r := range results {
		total += r
	}
	fmt.Println("workers", total)
}

func garbage() {
	m := map[string][]byte{}
	for i := 0; i < 20000; i++ {
		m[fmt.Sprint(i%500)] = make([]byte, i%4096)
	}
	runtime.GC()
	n := 0
	for _, v := range m {
		n += len(v)
	}
	fmt.Println("garbage", len(m), n)
}

func files() {
	dir, err := os.MkdirTemp("", "app")
	check(err)
	defer os.RemoveAll(dir)
	for i := 0; i < 20; i++ {
		check(os.WriteFile(filepath.Join(dir, fmt.Sprint("f", i)), bytes.Repeat([]byte{byte(i)}, i*1000), 0o644))
	}
	var names []string
	size := int64(0)
	check(filepath.Walk(dir, func(p string, info os.FileInfo, err error) error {
		if !info.IsDir() {
			names = append(names, info.Name())
			size += info.Size()
		}
		return err
	}))
	sort.Strings(names)
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write([]byte(strings.Repeat(strings.Join(names, ","), 100)))
	w.Close()
	r, err := gzip.NewReader(&z)
	check(err)
	plain, err := io.ReadAll(r)
	check(err)
	fmt.Printf("files %d %d %x\n", len(names), size, sha256.Sum256(plain))
}

func processes() {
	out, err := exec.Command("/usr/bin/sort", "-r").CombinedOutput()
	check(err)
	cmd := exec.Command("tr", "a-z", "A-Z")
	cmd.Stdin = strings.NewReader("through a process\n")
	out, err = cmd.Output()
	check(err)
	err = exec.Command("sh", "-c", "exit 5").Run()
	fmt.Printf("processes %q %v\n", out, err)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	fmt.Println(exec.CommandContext(ctx, "sleep", "10").Run())
}

func signals() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println("signal", <-c)
	select {
	case <-time.After(50 * time.Millisecond):
		fmt.Println("timer")
	case <-c:
		fmt.Println("signal again")
	}
}

func sockets() {
	dir, err := os.MkdirTemp("", "app")
	check(err)
	defer os.RemoveAll(dir)
	for _, a := range [][2]string{{"unix", dir + "/s"}, {"tcp", "127.0.0.1:0"}} {
		l, err := net.Listen(a[0], a[1])
		check(err)
		mux := http.NewServeMux()
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "you asked for %s", r.URL.Path) })
		go http.Serve(l, mux)
		client := http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return net.Dial(a[0], l.Addr().String())
		}}}
		for i := 0; i < 3; i++ {
			resp, err := client.Get(fmt.Sprintf("http://server/%d", i))
			check(err)
			body, err := io.ReadAll(resp.Body)
			check(err)
			fmt.Println(a[0], resp.StatusCode, string(body))
		}
		l.Close()
	}
}

func main() {
	workers()
	garbage()
	files()
	v, err := json.Marshal(map[string]any{"b": []int{1, 2}, "a": nil})
	check(err)
	fmt.Println(string(v))
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		var p *int
		fmt.Println(*p)
	}()
	processes()
	signals()
	sockets()
	os.Exit(6)
}
