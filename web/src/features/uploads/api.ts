import { download, files, send } from '@/shared/api/client';
import { answer, resources } from '@/shared/api/resources';
import { problemOf } from '@/shared/api/problem';
import type { AttachedFile, FileSchemas } from '@/shared/api/schemas';

interface Rules {
  limits: FileSchemas['Limits'];
  edition: string;
}

const content = (id: string) => `/api/files/files/${id}/content`;

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    /** What may be uploaded, with the edition that a change is meant for. */
    rules: build.query<Rules, void>({
      queryFn: () =>
        answer(
          files.GET('/limits').then(({ data, response }) => ({
            data: data && { limits: data, edition: response.headers.get('ETag') ?? '*' },
          })),
        ),
      providesTags: ['limits'],
    }),
    changeRules: build.mutation<unknown, { chosen: FileSchemas['SchoolLimits']; edition: string }>({
      queryFn: ({ chosen, edition }) =>
        answer<unknown>(files.PUT('/limits', { body: chosen, headers: { 'If-Match': edition } })),
      invalidatesTags: ['limits', 'usage'],
    }),
    usage: build.query<FileSchemas['Usage'], void>({
      queryFn: () => answer(files.GET('/usage')),
      providesTags: ['usage'],
      keepUnusedDataFor: 0,
    }),
    /** A blob: address of a file's bytes, of the type that the service found; given up once nobody shows it. */
    fileAddress: build.query<string, Pick<AttachedFile, 'file_id' | 'content_type'>>({
      queryFn: async ({ file_id, content_type }) => {
        try {
          const response = await send(new Request(new URL(content(file_id), window.location.origin)));
          return { data: URL.createObjectURL(new Blob([await response.arrayBuffer()], { type: content_type })) };
        } catch (error) {
          return { error: problemOf(error) };
        }
      },
      keepUnusedDataFor: 60,
      onCacheEntryAdded: async (_, { cacheDataLoaded, cacheEntryRemoved }) => {
        const loaded = await cacheDataLoaded.catch(() => null);
        await cacheEntryRemoved;
        if (loaded) URL.revokeObjectURL(loaded.data);
      },
    }),
  }),
});

export const saveFile = ({ file_id, name }: Pick<AttachedFile, 'file_id' | 'name'>) => download(content(file_id), name);

export const { useRulesQuery, useChangeRulesMutation, useUsageQuery, useFileAddressQuery } = api;
