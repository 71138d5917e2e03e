import type { Logger } from '@/lib/model/logger';

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
