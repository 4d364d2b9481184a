/** Cursor pages as RTK Query's infinite queries want them; or all of them at once. */
import { problemOf, type Problem } from './problem';

const PAGE = 100;
const LARGEST = 200;

export const pages = {
  initialPageParam: null as string | null,
  getNextPageParam: (last: { next_cursor?: string | null }) => last.next_cursor ?? undefined,
};

export const paged = (cursor: string | null) => ({ limit: PAGE, ...(cursor && { cursor }) });

interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** The items of all pages, as a query's result. */
export async function everything<T>(
  page: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<{ data: T[] } | { error: Problem }> {
  const found: T[] = [];
  try {
    for (let cursor: string | null | undefined = ''; cursor !== null && cursor !== undefined;) {
      const next: Page<T> = await page({ limit: LARGEST, ...(cursor && { cursor }) });
      found.push(...next.items);
      cursor = next.next_cursor;
    }
    return { data: found };
  } catch (error) {
    return { error: problemOf(error) };
  }
}
