// Answers questions from a file, a list of them in JSON, as the page is answered: for tests.
import { readFile } from "node:fs/promises";
import { linter } from "./node.mjs";

const ask = await linter();
const questions = JSON.parse(await readFile(process.argv[2], "utf8"));
process.stdout.write(JSON.stringify(questions.map((question) => ask(...question))));
