export { type FloodOptions, floodTopic } from './flood.ts';
export { createKafka, type GroupLag, type Kafka, type KafkaBroker, type KafkaOptions } from './kafka.ts';
