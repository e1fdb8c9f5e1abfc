/** A problem that a rule finds in a template, or in an update from one template to another. */
export interface Finding {
  readonly rule: string;
  /** The logical id of the resource that the finding is about. */
  readonly resource: string;
  readonly problem: string;
}
