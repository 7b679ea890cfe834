/** Whether ffmpeg's input is read over http. */
export function isUrl(input: string): boolean {
  return /^https?:/i.test(input);
}

const NETWORK_TIMEOUT_US = 20_000_000;

/**
 * Options for opening a file or http input: a playlist may not reach from a file into the network nor from the network into
 * files; a connection that is silent for 20 s ends, one that broke (after a long pause, say) is taken up again.
 */
export function toInputOptions(input: string): readonly string[] {
  if (!isUrl(input)) return ['-protocol_whitelist', 'file,crypto,data'];
  const network = ['-rw_timeout', String(NETWORK_TIMEOUT_US), '-reconnect', '1', '-reconnect_delay_max', '4'];
  return ['-protocol_whitelist', 'http,https,httpproxy,tcp,tls,crypto,data', ...network];
}
