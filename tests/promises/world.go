// Package world has a resource that tells what is done to it: a second Close panics in a strict world, a Close or Use of
// nil, or a Use after Close, in any.
package world

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"
)

// Refused and Stop are what functions fail with.
var (
	Refused = errors.New("refused")
	Stop    = errors.New("stop")
)

// World decides what happens in one call of a function, and sees it.
type World struct {
	Strict   bool
	Returned chan struct{}
	Wait     sync.WaitGroup

	mu         sync.Mutex
	bits       uint64
	events     []string
	late       []string
	all        []*Res
	kept       []*Res
	contexts   []context.Context
	open, most int
}

// New makes a world in which the decisions are these bits, and then no.
func New(bits uint64, strict bool) *World {
	return &World{Strict: strict, Returned: make(chan struct{}), bits: bits}
}

// Next is the next decision.
func (w *World) Next() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	yes := w.bits&1 == 1
	w.bits >>= 1
	return yes
}

// Res must be closed.
type Res struct {
	w      *World
	id     int
	closed bool
	kept   bool
}

// Open hands out a resource, or none.
func (w *World) Open() (*Res, error) {
	if w.Next() {
		w.log("refused")
		return nil, Refused
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	r := &Res{w: w, id: len(w.all)}
	w.all = append(w.all, r)
	w.events = append(w.events, fmt.Sprint("open ", r.id))
	w.open++
	w.most = max(w.most, w.open)
	return r, nil
}

// Shared is a resource that is somebody else's, or nil.
func (w *World) Shared() *Res {
	if w.Next() {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	r := &Res{w: w, id: len(w.all), kept: true}
	w.all = append(w.all, r)
	w.kept = append(w.kept, r)
	return r
}

// Close gives it back.
func (r *Res) Close() error {
	if r == nil {
		panic("close of nil")
	}
	r.w.mu.Lock()
	defer r.w.mu.Unlock()
	if r.closed {
		if r.w.Strict {
			panic("closed twice")
		}
		return nil
	}
	r.closed = true
	if !r.kept {
		r.w.open--
	}
	return nil
}

// Use needs it open.
func (r *Res) Use() {
	if r == nil {
		panic("use of nil")
	}
	r.w.log(fmt.Sprint("use ", r.id))
	if r.closed {
		panic("use after close")
	}
}

// Look uses it during the call.
func (w *World) Look(r *Res) { r.Use() }

// Peek tells whether it is open.
func (w *World) Peek(r *Res) { w.log(fmt.Sprint("peek ", r.id, r.closed)) }

// Keep stores it: whoever made the world closes it.
func (w *World) Keep(r *Res) {
	r.Use()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept = append(w.kept, r)
	if !r.kept {
		r.kept = true
		w.open--
	}
}

// See tells whether the context is cancelled.
func (w *World) See(ctx context.Context) { w.log(fmt.Sprint("cancelled ", ctx.Err() != nil)) }

// Later is See after the function has returned.
func (w *World) Later(ctx context.Context) {
	<-w.Returned
	w.mu.Lock()
	defer w.mu.Unlock()
	w.late = append(w.late, fmt.Sprint("late ", ctx.Err() != nil))
}

// KeepContext stores it for use after the function has returned.
func (w *World) KeepContext(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.contexts = append(w.contexts, ctx)
}

func (w *World) log(event string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, event)
}

// Run calls the function in each of the worlds and prints a line for each: name, seed, whether it panicked, leaks, what
// was kept and is closed, how many were open at once, its result, and what happened.
func Run(name string, f func(*World) any, worlds int, strict bool) {
	state := uint64(len(name))*7919 + 17
	for _, c := range name {
		state = state*31 + uint64(c)
	}
	for seed := range worlds {
		state = state*6364136223846793005 + 1442695040888963407
		w := New(state>>24, strict)
		result, panicked := call(f, w)
		close(w.Returned)
		w.Wait.Wait()
		leaks, broken := 0, 0
		for _, r := range w.all {
			if !r.closed && !r.kept {
				leaks++
			}
		}
		for _, r := range w.kept {
			if r.closed {
				broken++
			}
		}
		for _, ctx := range w.contexts {
			w.late = append(w.late, fmt.Sprint("kept ", ctx.Err() != nil))
		}
		if ctx, ok := result.(context.Context); ok {
			w.late = append(w.late, fmt.Sprint("returned ", ctx.Err() != nil))
			result = "context"
		}
		sort.Strings(w.late)
		fmt.Printf("%s|%d|%v|%d|%d|%d|%v|%v %v\n", name, seed, panicked, leaks, broken, w.most, result, w.events, w.late)
	}
}

func call(f func(*World) any, w *World) (result any, panicked any) {
	defer func() { panicked = recover() }()
	return f(w), nil
}
