export const REPORT_FORMATS = ['html', 'vtt', 'srt', 'csv', 'json', 'concat'] as const;

/** The flags of `labelcast report`. */
export interface ReportFlags {
  readonly format: (typeof REPORT_FORMATS)[number];
  /** File or folder; `-`: standard output. */
  readonly output?: string;
  readonly stream?: readonly string[];
  readonly label?: readonly string[];
  /** False: no pictures are taken out of the videos. */
  readonly thumbnails: boolean;
}
