import { refusal, unreachable } from '@/shared/api/problem';

interface Watch {
  onBytes: (sent: number) => void;
  signal: AbortSignal;
}

/** Send bytes to the object store, telling how many are on their way. `XMLHttpRequest`, as `fetch` tells no progress. */
export function transmit(method: 'POST' | 'PUT', url: string, body: FormData | Blob, watch: Watch): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const settled = () => watch.signal.removeEventListener('abort', abort);
    watch.signal.addEventListener('abort', abort);
    request.upload.onprogress = (event) => watch.onBytes(event.loaded);
    request.onloadend = settled;
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) return resolve();
      const headers = { 'Retry-After': request.getResponseHeader('Retry-After') ?? '' };
      void refusal(new Response(request.responseText, { status: request.status, headers })).then(reject);
    };
    request.open(method, url);
    request.send(body);
  });
}
