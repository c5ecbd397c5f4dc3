// Links that carry a policy after the "#", which browsers send to nobody.

async function through(stream, bytes) {
  const answer = new Response(new Blob([bytes]).stream().pipeThrough(stream));
  return new Uint8Array(await answer.arrayBuffer());
}

/** What scripts/docs_hooks.py writes, too: JSON, compressed, in letters that addresses may have. */
export async function encoded(state) {
  const text = new TextEncoder().encode(JSON.stringify(state));
  const bytes = await through(new CompressionStream("deflate-raw"), text);
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return `#policy=${btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** What a link carries; undefined if that is nothing, or cannot be read. */
export async function decoded(fragment) {
  const written = /^#policy=([\w-]+)$/.exec(fragment)?.[1];
  if (!written) return undefined;
  try {
    const letters = atob(written.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const text = await through(new DecompressionStream("deflate-raw"), bytes);
    const state = JSON.parse(new TextDecoder().decode(text));
    return typeof state.text === "string" ? state : undefined;
  } catch {
    return undefined;
  }
}
