using OrleansKv.Silo;

return await SiloProcess.RunAsync(args);
