// How fast Prometheus's own parser reads metrics: for compare_exposition.py.
//
//	textparse_bench SECONDS FILE…
//
// prints one line a measurement, "MODE FILE BYTES_PER_SECOND" of processor time, and one for all files
// together. MODE is "series" (each series is found, as for one that Prometheus's scrape cache knows)
// or "labels" (and its labels are read, as for one seen for the first time).
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

func parse(text []byte, symbols *labels.SymbolTable, withLabels bool) (int, error) {
	parser := textparse.NewPromParser(text, symbols, false)
	series := 0
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return series, nil
		}
		if err != nil {
			return series, err
		}
		if entry != textparse.EntrySeries {
			continue
		}
		parser.Series()
		if withLabels {
			var of labels.Labels
			parser.Labels(&of)
		}
		series++
	}
}

// The processor time of this process so far.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func bytesPerSecond(texts [][]byte, atLeast time.Duration, withLabels bool) float64 {
	symbols := labels.NewSymbolTable()
	size, begin := 0, processorTime()
	for {
		for _, text := range texts {
			if series, err := parse(text, symbols, withLabels); err != nil || series == 0 {
				fail(fmt.Errorf("%d series: %w", series, err))
			}
			size += len(text)
		}
		if spent := processorTime() - begin; spent >= atLeast {
			return float64(size) / spent.Seconds()
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "textparse_bench:", err)
	os.Exit(1)
}

func main() {
	if len(os.Args) < 3 {
		fail(errors.New("usage: textparse_bench SECONDS FILE…"))
	}
	seconds, err := strconv.ParseFloat(os.Args[1], 64)
	if err != nil {
		fail(err)
	}
	atLeast := time.Duration(seconds * float64(time.Second))

	var all [][]byte
	for _, path := range os.Args[2:] {
		text, err := os.ReadFile(path)
		if err != nil {
			fail(err)
		}
		all = append(all, text)
	}
	for _, mode := range []string{"series", "labels"} {
		for i, path := range os.Args[2:] {
			speed := bytesPerSecond(all[i:i+1], atLeast, mode == "labels")
			fmt.Printf("%s %s %.0f\n", mode, filepath.Base(path), speed)
		}
		fmt.Printf("%s all %.0f\n", mode, bytesPerSecond(all, atLeast, mode == "labels"))
	}
}
