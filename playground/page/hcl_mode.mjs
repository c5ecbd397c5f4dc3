// Colours for Terraform: comments, strings, numbers, keywords and the names of what is set.
import { StreamLanguage } from "@codemirror/language";
import { simpleMode } from "@codemirror/legacy-modes/mode/simple-mode";

export const hcl = StreamLanguage.define({
  ...simpleMode({
    start: [
      { regex: /(?:#|\/\/).*/, token: "comment" },
      { regex: /\/\*/, token: "comment", next: "comment" },
      { regex: /"(?:[^"\\]|\\.)*"?/, token: "string" },
      { regex: /<<-?(\w+)/, token: "string" },
      { regex: /\b(?:true|false|null)\b/, token: "atom" },
      { regex: /\b(?:data|for|if|in|locals|module|output|provider|resource|terraform|variable)\b/, token: "keyword" },
      { regex: /[\w-]+(?=\s*=[^=])/, token: "propertyName" },
      { regex: /\d+(?:\.\d+)?/, token: "number" },
      { regex: /[\w-]+/, token: "variableName" },
    ],
    comment: [
      { regex: /.*?\*\//, token: "comment", next: "start" },
      { regex: /.*/, token: "comment" },
    ],
  }),
  languageData: { commentTokens: { line: "#", block: { open: "/*", close: "*/" } } },
});
