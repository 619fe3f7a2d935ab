// Package memory fits a process into the memory that it may use.
//
//	bound := memory.Limit()       // Go's collector now works towards the container's limit
//	budget := memory.Share(0.3)   // bytes that one use of it may take
//
// A container has a limit, and the kernel kills the process that exceeds it. [Limit] sets
// Go's own limit below it, from which on the collector works harder. That alone saves no
// process that holds too much: what a process holds is bounded by budgets, each of them a
// [Share] of that limit.
package memory
