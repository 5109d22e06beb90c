//! Does nothing for ever, on all processors.

fn main() {
    std::thread::spawn(|| {
        loop {
            std::hint::spin_loop()
        }
    });
    loop {
        std::hint::spin_loop();
    }
}
