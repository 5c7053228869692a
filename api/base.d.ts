// Made by "npm run api" from what the compiler emits. Do not edit; a test compares it.

export type Cancel = () => void;

export interface Clock {
    now(): Date;
    schedule(at: Date, fn: () => void): Cancel;
}

export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface Events<Event> {
    emit(event: Event): void;
}

export declare class HandfastError<Reason extends string = string> extends Error {
    readonly name: string;
    readonly code: string;
    readonly reason: Reason;
    readonly details: ErrorDetails;
    readonly hint: string | undefined;
    constructor(identity: {
        readonly code: string;
        readonly reason: Reason;
    }, message: string, options?: HandfastErrorOptions);
}

export interface HandfastErrorOptions {
    readonly details?: ErrorDetails;
    readonly hint?: string;
    readonly cause?: unknown;
}

export declare function isHandfastError(error: unknown): error is HandfastError;

export declare const silentEvents: Events<unknown>;

export declare const systemClock: Clock;
