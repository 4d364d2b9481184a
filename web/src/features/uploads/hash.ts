import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

const PIECE = 4 * 1024 * 1024;

/** The SHA-256 of a file in lower-case hexadecimal, read in pieces so that a large one does not fill the memory. */
export async function hashOf(file: Blob, onProgress: (part: number) => void, signal: AbortSignal): Promise<string> {
  const hash = sha256.create();
  for (let offset = 0; offset < file.size; offset += PIECE) {
    signal.throwIfAborted();
    const piece = file.slice(offset, offset + PIECE);
    hash.update(new Uint8Array(await piece.arrayBuffer()));
    onProgress(Math.min(1, (offset + piece.size) / file.size));
  }
  return bytesToHex(hash.digest());
}
