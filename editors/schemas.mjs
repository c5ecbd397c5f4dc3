// What an editor says about a policy by a schema: its complaints, and completions at a mark.
// Standard input is {"schemas": folder, "policies": [{"schema", "text"}]}; a "|" in a text is a mark.

import {readFileSync} from "node:fs";
import {createRequire} from "node:module";

const require = createRequire(new URL("vscode/package.json", import.meta.url));
const {getLanguageService, TextDocument} = require("vscode-json-languageservice");
const {schemas, policies} = JSON.parse(readFileSync(0, "utf8"));
const service = getLanguageService({
  schemaRequestService: async (uri) => readFileSync(`${schemas}/${uri.split("/").pop()}`, "utf8"),
});
const answers = [];
for (const [number, {schema, text}] of policies.entries()) {
  const mark = text.indexOf("|");
  const uri = `file:///${number}.json`;
  service.configure({schemas: [{uri: `file:///schemas/${schema}`, fileMatch: [uri]}]});
  const document = TextDocument.create(uri, "json", 1, text.replace("|", ""));
  const tree = service.parseJSONDocument(document);
  const at = mark < 0 ? null : document.positionAt(mark);
  const found = await service.doValidation(document, tree);
  const offered = at && (await service.doComplete(document, at, tree));
  const hover = at && (await service.doHover(document, at, tree));
  answers.push({
    complaints: found.map((complaint) => complaint.message),
    completions: offered ? offered.items.map((item) => item.label) : [],
    hover: hover ? hover.contents.map((part) => part.value ?? part).join("\n") : "",
  });
}
process.stdout.write(JSON.stringify(answers));
