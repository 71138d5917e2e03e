import { systemClock } from '@/lib/clock';
import { plainOutgoing } from '@/lib/model/outgoing-settings';
import { createOutgoingClient } from '@/lib/outgoing/client';

/** Outgoing calls without a proxy and with the usual authorities. */
export const plainClient = createOutgoingClient({ clock: systemClock }, plainOutgoing);
