// It ships no types; this is what is used of it.
declare module 'webvtt-parser' {
  interface TextNode {
    readonly type: 'text';
    readonly value: string;
  }
  interface OtherNode {
    readonly type: 'object' | 'timestamp';
    readonly children?: readonly CueNode[];
  }
  export type CueNode = TextNode | OtherNode;
  interface Cue {
    /** Seconds. */
    readonly startTime: number;
    /** Seconds. */
    readonly endTime: number;
    readonly tree: { readonly children: readonly CueNode[] };
  }
  interface Problem {
    readonly message: string;
    readonly line: number;
  }
  const webvtt: {
    readonly WebVTTParser: new (
      entities: Readonly<Record<string, string>>,
    ) => {
      parse(text: string): { readonly cues: readonly Cue[]; readonly errors: readonly Problem[] };
    };
  };
  export default webvtt;
}
