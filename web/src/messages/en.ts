/** All English text but that of the frame, which comes with the first load. */
export default import.meta.glob<Record<string, unknown>>(['./en/*.json', '!./en/common.json'], {
  eager: true,
  import: 'default',
});
