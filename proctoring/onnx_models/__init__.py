"""Networks that registries carry in other forms, built as ONNX in memory and run by onnxruntime."""
