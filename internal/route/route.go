// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package route

import (
	"context"
	"fmt"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
)

// instanceID is the attribute of a component's telemetry resource that is new for each
// Collector service, unless configured, and equal for all its components.
const instanceID = "service.instance.id"

// Source is a processor's side: it emits to the consumer that is attached.
type Source interface {
	Attach(next consumer.Metrics)
	// Detach emits what there is and lets go of the consumer.
	Detach(ctx context.Context)
}

type key struct {
	service string
	id      component.ID
}

// tie is the meeting place of the processors and the receivers of one ID.
type tie struct {
	key key

	mu                    sync.Mutex
	processors, receivers int // created and not yet gone
	source                Source
	next                  consumer.Metrics
	attached              *Receiver // whose consumer next is; nil if there is none
}

var ties = struct {
	sync.Mutex
	byKey map[key]*tie
}{byKey: map[key]*tie{}}

func meet(id component.ID, set component.TelemetrySettings, note func(*tie)) *tie {
	k := key{id: id}
	if service, ok := set.Resource.Attributes().Get(instanceID); ok {
		k.service = service.AsString()
	}
	ties.Lock()
	defer ties.Unlock()
	t, ok := ties.byKey[k]
	if !ok {
		t = &tie{key: k}
		ties.byKey[k] = t
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	note(t)
	return t
}

func (t *tie) leave(note func()) {
	ties.Lock()
	defer ties.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	note()
	if t.processors == 0 && t.receivers == 0 {
		delete(ties.byKey, t.key)
	}
}

// taken is the error of a component that meets another one of its kind and ID at work.
func (t *tie) taken(kind string) error {
	return fmt.Errorf("%s %q is already running in another Collector of this process with the same %s %q",
		kind, t.key.id, instanceID, t.key.service)
}

// Processor is the note that a processor was created.
type Processor struct {
	tie   *tie
	leave sync.Once
}

// NewProcessor notes a processor. Leave takes the note back.
func NewProcessor(id component.ID, set component.TelemetrySettings) *Processor {
	return &Processor{tie: meet(id, set, func(t *tie) { t.processors++ })}
}

// Partner returns an error that says what is missing if no receiver of this ID exists.
func (p *Processor) Partner() error {
	p.tie.mu.Lock()
	defer p.tie.mu.Unlock()
	if p.tie.receivers == 0 {
		return fmt.Errorf("processor %q has no receiver %[1]q: its metrics leave through a receiver with the same ID; "+
			"add %[1]q under `receivers` and to the `receivers` of a metrics pipeline", p.tie.key.id)
	}
	return nil
}

// Claim makes source the one that emits through the receiver. It fails if there is
// another one.
func (p *Processor) Claim(source Source) error {
	t := p.tie
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source != nil {
		return t.taken("processor")
	}
	t.source = source
	if t.next != nil {
		source.Attach(t.next)
	}
	return nil
}

// Release undoes Claim.
func (p *Processor) Release() {
	p.tie.mu.Lock()
	defer p.tie.mu.Unlock()
	p.tie.source = nil
}

// Leave takes the processor's note back. Further calls do nothing.
func (p *Processor) Leave() {
	p.leave.Do(func() { p.tie.leave(func() { p.tie.processors-- }) })
}

// Receiver is the note that a receiver was created.
type Receiver struct {
	tie   *tie
	leave sync.Once
}

// NewReceiver notes a receiver. Leave takes the note back.
func NewReceiver(id component.ID, set component.TelemetrySettings) *Receiver {
	return &Receiver{tie: meet(id, set, func(t *tie) { t.receivers++ })}
}

// Partner returns an error that says what is missing if no processor of this ID exists.
func (r *Receiver) Partner() error {
	r.tie.mu.Lock()
	defer r.tie.mu.Unlock()
	if r.tie.processors == 0 {
		return fmt.Errorf("receiver %q has no processor %[1]q: it only passes on the metrics of a processor with the same ID; "+
			"configure %[1]q under `processors` and add it to the `processors` of a logs pipeline", r.tie.key.id)
	}
	return nil
}

// Attach makes next the consumer of what the processor emits, now and when it starts. It fails
// if another receiver has attached one: the metrics would go to a Collector whose logs they are
// not of.
func (r *Receiver) Attach(next consumer.Metrics) error {
	t := r.tie
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.attached != nil && t.attached != r {
		return t.taken("receiver")
	}
	t.next, t.attached = next, r
	if t.source != nil {
		t.source.Attach(next)
	}
	return nil
}

// Detach has the processor emit what it has, and returns when next is not called any
// more.
func (r *Receiver) Detach(ctx context.Context) {
	t := r.tie
	t.mu.Lock()
	if t.attached != r { // never started
		t.mu.Unlock()
		return
	}
	source := t.source
	t.next, t.attached = nil, nil
	t.mu.Unlock()
	if source != nil {
		source.Detach(ctx) // without the lock: it calls the consumer
	}
}

// Leave takes the receiver's note back. Further calls do nothing.
func (r *Receiver) Leave() {
	r.leave.Do(func() { r.tie.leave(func() { r.tie.receivers-- }) })
}
