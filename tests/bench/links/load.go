// Load for the bench of links: a server and clients that cost less than any proxy between them.
//
//	load serve                          answers; prints its address
//	load requests ADDR CONNECTIONS SEC  small requests, each after the answer to the one before
//	load stream ADDR BYTES              one answer of so many bytes
//	load hold ADDR CONNECTIONS          opens connections, sends a request on each, and keeps them until stdin ends
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

const request = "GET /items/42 HTTP/1.1\r\nHost: shop.local\r\nAccept: application/json\r\nUser-Agent: bench/1.0\r\n\r\n"
const response = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n{\"id\":42,\"name\":\"gearbox\"}\n"

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	check(err)
	return value
}

func dial(address string) net.Conn {
	connection, err := net.Dial("tcp", address)
	check(err)
	return connection
}

func tell(figures map[string]float64) { check(json.NewEncoder(os.Stdout).Encode(figures)) }

// A request that begins with S asks for as many bytes as follow it.
func answer(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReaderSize(connection, 1024)
	wanted := make([]byte, len(request))
	block := make([]byte, 256*1024)
	for {
		if _, err := io.ReadFull(reader, wanted); err != nil {
			return
		}
		if wanted[0] != 'S' {
			if _, err := connection.Write([]byte(response)); err != nil {
				return
			}
			continue
		}
		for left := number(string(wanted[1:20])); left > 0; {
			written, err := connection.Write(block[:min(left, len(block))])
			if err != nil {
				return
			}
			left -= written
		}
	}
}

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Println(listener.Addr())
	for {
		connection, err := listener.Accept()
		check(err)
		go answer(connection)
	}
}

func roundTrip(connection net.Conn, buffer []byte) {
	_, err := connection.Write([]byte(request))
	check(err)
	_, err = io.ReadFull(connection, buffer)
	check(err)
}

func requests(address string, connections int, seconds float64) {
	var done sync.WaitGroup
	var lock sync.Mutex
	var all []int64
	began := time.Now()
	end := began.Add(time.Duration(seconds * float64(time.Second)))
	for range connections {
		done.Add(1)
		go func() {
			defer done.Done()
			connection := dial(address)
			defer connection.Close()
			buffer := make([]byte, len(response))
			mine := make([]int64, 0, 100_000)
			for before := time.Now(); before.Before(end); {
				roundTrip(connection, buffer)
				after := time.Now()
				mine = append(mine, after.Sub(before).Nanoseconds())
				before = after
			}
			lock.Lock()
			all = append(all, mine...)
			lock.Unlock()
		}()
	}
	done.Wait()
	took := time.Since(began).Seconds()
	slices.Sort(all)
	at := func(share float64) float64 { return float64(all[int(float64(len(all)-1)*share)]) / 1e6 }
	tell(map[string]float64{"count": float64(len(all)), "perSecond": float64(len(all)) / took, "p50Ms": at(0.5), "p99Ms": at(0.99)})
}

func stream(address string, bytes int) {
	connection := dial(address)
	began := time.Now()
	_, err := fmt.Fprintf(connection, "%-*s", len(request), fmt.Sprintf("S%019d", bytes))
	check(err)
	block := make([]byte, 256*1024)
	for left := bytes; left > 0; {
		read, err := connection.Read(block)
		check(err)
		left -= read
	}
	tell(map[string]float64{"megabytesPerSecond": float64(bytes) / 1e6 / time.Since(began).Seconds()})
}

func hold(address string, connections int) {
	buffer := make([]byte, len(response))
	held := make([]net.Conn, 0, connections)
	for range connections {
		connection := dial(address)
		roundTrip(connection, buffer)
		held = append(held, connection)
	}
	tell(map[string]float64{"held": float64(len(held))})
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, connection := range held {
		connection.Close()
	}
}

func main() {
	switch os.Args[1] {
	case "serve":
		serve()
	case "requests":
		seconds, err := strconv.ParseFloat(os.Args[4], 64)
		check(err)
		requests(os.Args[2], number(os.Args[3]), seconds)
	case "stream":
		stream(os.Args[2], number(os.Args[3]))
	case "hold":
		hold(os.Args[2], number(os.Args[3]))
	}
}
