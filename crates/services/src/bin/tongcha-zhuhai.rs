//! The service of zhuhai. The party is compiled in; there is no logic here.

use std::process::ExitCode;

fn main() -> ExitCode {
    tongcha_node::cli::main("zhuhai")
}
