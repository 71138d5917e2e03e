import { customAlphabet } from 'nanoid';

/** 16 lower-case letters and digits: 82 bits. */
export const newId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 16);
