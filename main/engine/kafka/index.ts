export { createKafka, type GroupLag, type Kafka, type KafkaBroker, type KafkaOptions } from './kafka.ts';
