//! Behaviour, not only text: leaking programs are built and run, rewritten, built and run again.

#![cfg(target_os = "linux")]

mod blocked_send;
mod context_call;
mod defer_in_loop;
mod goroutine_global;
mod goroutine_loop;
mod goroutine_matrix;
mod missing_close;
mod programs;
