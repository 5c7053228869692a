/** Where a room tells what happened, as typed values. An emitter that throws must not stop the room. */
export interface Events<Event> {
  emit(event: Event): void
}

/** For callers that do not listen. */
export const silentEvents: Events<unknown> = { emit: () => undefined }
