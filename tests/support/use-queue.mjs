// A step of a suite: sends a message through a queue of the broker `db`, or `$BROKER`, and prints what comes out of it.
import { connect } from 'amqplib';

const connection = await connect(`amqp://app:test@${process.env.BROKER ?? 'db'}`);
const channel = await connection.createChannel();
await channel.assertQueue('answers');
channel.sendToQueue('answers', Buffer.from('42'));
const message = await new Promise((resolve) => channel.consume('answers', resolve, { noAck: true }));
console.log(message.content.toString());
await connection.close();
