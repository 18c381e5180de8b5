#!/usr/bin/env node
// The `fewstep` command: hands the arguments on and ends with the exit code.
import { runProgram } from "./program.js";

process.exitCode = await runProgram(process.argv.slice(2));
